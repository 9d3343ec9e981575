package azuread

import (
	"errors"
	"net/http"
)

var errLeftOut = errors.New("this build leaves remote writes with Azure AD out")

type AzureADConfig struct{}

func (*AzureADConfig) Validate() error { return errLeftOut }

func NewAzureADRoundTripper(*AzureADConfig, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errLeftOut
}
