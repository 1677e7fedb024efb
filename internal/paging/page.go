package paging

// PageEnd is the name of the series that ends every page of the exporter's metrics. A page that was cut between two lines
// is a page still, where it comes without its length and is no OpenMetrics: who acts on what is missing believes a page
// only with this series.
const PageEnd = "sagemaker_async_exporter_page_end"
