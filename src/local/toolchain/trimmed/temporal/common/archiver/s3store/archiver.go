package s3store

import (
	"errors"

	"go.temporal.io/server/common/archiver"
)

const URIScheme = "s3"

var errLeftOut = errors.New("this build leaves the s3store archive out")

func NewHistoryArchiver(...any) (archiver.HistoryArchiver, error) { return nil, errLeftOut }

func NewVisibilityArchiver(...any) (archiver.VisibilityArchiver, error) { return nil, errLeftOut }
