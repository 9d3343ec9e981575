package gcloud

import (
	"errors"

	"go.temporal.io/server/common/archiver"
)

const URIScheme = "gs"

var errLeftOut = errors.New("this build leaves the gcloud archive out")

func NewHistoryArchiver(...any) (archiver.HistoryArchiver, error) { return nil, errLeftOut }

func NewVisibilityArchiver(...any) (archiver.VisibilityArchiver, error) { return nil, errLeftOut }
