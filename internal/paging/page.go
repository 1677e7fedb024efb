package paging

// PageEnd is the name of the series that ends every page of the exporter's metrics. A page that was cut between two lines
// is a page still, where it comes without its length and is no OpenMetrics: who acts on what is missing believes a page
// only with this series.
const PageEnd = "sagemaker_async_exporter_page_end"

// The series that say which part of a whole page is missing because AWS did not answer: by account and region, and source.
const (
	ScopeUp  = "sagemaker_async_up"
	SourceUp = "sagemaker_async_exporter_source_up"
	// EndpointInfo is there for each endpoint that was described: without it, an endpoint is gone if the source endpoints is up.
	EndpointInfo = "sagemaker_async_endpoint_info"
	// SourceEndpoints is the value of the label source of that source.
	SourceEndpoints = "endpoints"
)

// The labels that say what a series is about.
const (
	AccountLabel  = "account_id"
	RegionLabel   = "region"
	EndpointLabel = "endpoint_name"
	VariantLabel  = "variant_name"
	SourceLabel   = "source"
)
