package gitlab

const ReferenceScheme = "gitlab"
