package github

const ReferenceScheme = "github"
