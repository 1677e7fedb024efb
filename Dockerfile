# The exporter and the command that sends its alerts in one image: two static binaries and the certificates of public
# authorities, nothing else. There is no shell in it, it runs as nobody's user, and the exporter, which is its entry point,
# writes nothing. The other one keeps its series in /tmp if it is told no other directory.
#
#   docker build -t sagemaker-async-exporter .
#   docker buildx build --platform linux/amd64,linux/arm64 -t sagemaker-async-exporter .
#
# make image builds it with buildah, and gives the version. The builder runs on the machine's own architecture and compiles
# for the one that is asked for, so that no build is emulated. It needs a shell, Go and the certificates.
ARG BUILDER=golang:1.26.10
FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
WORKDIR /src
# Before the code, so that a change of it does not load the modules again.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ARG VERSION=dev
ARG REVISION=unknown
ARG BRANCH=unknown
ARG DATE=unknown
RUN mkdir -p /out/tmp && chmod 1777 /out/tmp
RUN for program in exporter alerting; do \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false -o /out/sagemaker-async-${program} \
    -ldflags "-s -w -X github.com/prometheus/common/version.Version=${VERSION} \
      -X github.com/prometheus/common/version.Revision=${REVISION} -X github.com/prometheus/common/version.Branch=${BRANCH} \
      -X github.com/prometheus/common/version.BuildUser=image -X github.com/prometheus/common/version.BuildDate=${DATE}" \
    ./cmd/${program} || exit 1; done

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="sagemaker-async-exporter" \
      org.opencontainers.image.description="Prometheus metrics for Amazon SageMaker asynchronous inference endpoints" \
      org.opencontainers.image.source="https://github.com/sagemaker-async/exporter" \
      org.opencontainers.image.documentation="https://github.com/sagemaker-async/exporter/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${DATE}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /LICENSE
COPY --from=build /out/ /
# By number: Kubernetes cannot see that a name is not root's.
USER 65532:65532
EXPOSE 10119 10120
ENTRYPOINT ["/sagemaker-async-exporter"]
