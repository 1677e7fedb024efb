// Package image holds the test of the container image. It stands behind the build tag image, because it needs buildah:
// make image-test runs it.
package image
