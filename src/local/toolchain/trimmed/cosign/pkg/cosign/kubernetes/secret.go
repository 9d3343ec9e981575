package kubernetes

import (
	"context"
	"errors"

	"github.com/sigstore/cosign/v3/pkg/cosign"
)

const KeyReference = "k8s://"

var errLeftOut = errors.New("this build leaves keys in Kubernetes secrets out")

type Secret struct{ Data map[string][]byte }

func GetKeyPairSecret(context.Context, string) (*Secret, error) { return nil, errLeftOut }

func KeyPairSecret(context.Context, string, cosign.PassFunc) error { return errLeftOut }
