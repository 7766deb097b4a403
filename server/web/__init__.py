"""Pages and what stands around them: words, forms, access, validators, assets, error pages."""
