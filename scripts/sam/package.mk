# `sam build` runs this in the repository's root, through the Makefile in the directory that template.yaml's
# parameters choose: its name says which package is wanted.
choice := $(notdir $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))

.PHONY: build-Gateway build-StreamingGateway
build-Gateway build-StreamingGateway:
	scripts/package --embedder $(firstword $(subst -, ,$(choice))) --architecture $(lastword $(subst -, ,$(choice))) --into "$(ARTIFACTS_DIR)"
