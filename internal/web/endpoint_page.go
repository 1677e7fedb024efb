package web

// endpointPage is what the page of one endpoint shows.
type endpointPage struct {
	At       string
	Scope    scopeView // without a table
	Headings []heading
	Endpoint endpointView
	Chain    *chainView
	Links    []placeView  // of the endpoint elsewhere
	Picture  *pictureView // nil where nothing is known
	Facts    []namedFact
	Tags     []namedFact
	PolledAt string        // when the oldest of what the plan rests on was read; empty where some of it never was
	NoTags   string        // why no tag is shown; empty when some are
	Passed   []findingView // the checks that pass, without a sentence
	Variants []scalingView // none when nothing is known any more
}

// placeView is a page of somebody else about the endpoint.
type placeView struct{ Text, URL string }

// namedFact is a fact with what it is about.
type namedFact struct {
	Name string
	fact
}

// scalingView is what scales one variant, and how it went.
type scalingView struct {
	Name         string
	Facts        []namedFact
	Policies     grid
	Scheduled    grid
	Alarms       grid
	Activities   []activityView // newest first
	NoActivities string         // why there are none; empty when there are some
	Scales, Acts fold           // of the policies and alarms, and of the activities
}

// grid is a table of facts; the first column names the row.
type grid struct {
	Title   string
	Columns []string
	Rows    [][]fact
	None    string // why there are no rows; empty when there are some
}

// fold is a part of the page that is folded where nothing is wrong.
type fold struct {
	Title string
	Wrong bool
}

// activityView is one scaling activity.
type activityView struct {
	Start, Status string
	StartStamp    string // for programs
	Took          string // from when to when, and for how long
	Class         string // of its badge
	Kind          string // of a failure: what the exporter takes AWS's words for
	Description   string
	Message       string // AWS's own words
	Details       string // the same
	Cause         string
	NotScaled     []string
}
