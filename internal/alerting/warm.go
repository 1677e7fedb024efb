package alerting
import (
 _ "github.com/prometheus/prometheus/notifier"
 _ "github.com/prometheus/prometheus/scrape"
 _ "github.com/prometheus/prometheus/rules"
 _ "github.com/prometheus/prometheus/promql"
 _ "github.com/prometheus/prometheus/tsdb"
 _ "github.com/prometheus/prometheus/config"
)
