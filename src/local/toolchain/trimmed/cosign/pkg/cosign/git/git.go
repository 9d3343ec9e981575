package git

import (
	"context"
	"errors"

	"github.com/sigstore/cosign/v3/pkg/cosign"
)

var errLeftOut = errors.New("this build leaves keys in GitHub and GitLab secrets out")

type Git struct{}

func GetProvider(string) Git { return Git{} }

func (Git) PutSecret(context.Context, string, cosign.PassFunc) error { return errLeftOut }

func (Git) GetSecret(context.Context, string, string) (string, error) { return "", errLeftOut }
