package v1

import (
	"log/slog"
	"net/http"
)

type OpenAPIOptions struct {
	IncludePaths   []string
	ExternalURL    string
	Version        string
	MaxSearchLimit int
}

type OpenAPIBuilder struct{}

func NewOpenAPIBuilder(OpenAPIOptions, *slog.Logger) *OpenAPIBuilder { return &OpenAPIBuilder{} }

func (*OpenAPIBuilder) ServeOpenAPI(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this build leaves the OpenAPI description out", http.StatusNotImplemented)
}

func (*OpenAPIBuilder) WrapHandler(next http.HandlerFunc) http.HandlerFunc { return next }
