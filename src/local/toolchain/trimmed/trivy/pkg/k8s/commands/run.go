package commands

import (
	"context"
	"errors"

	"github.com/aquasecurity/trivy/pkg/flag"
)

func Run(context.Context, []string, flag.Options) error {
	return errors.New("this build leaves Kubernetes clusters out")
}
