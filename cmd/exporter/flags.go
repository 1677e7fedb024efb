package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/iac"
	"github.com/sagemaker-async/exporter/internal/paging"
	pages "github.com/sagemaker-async/exporter/internal/web"
)

const (
	program       = "sagemaker-async-exporter"
	listenAddress = ":10119"
)

// The commands.
const (
	commandServe       = "serve"
	commandPlan        = "plan"
	commandApply       = "apply"
	commandExplain     = "explain"
	commandRecommend   = "recommend"
	commandSimulate    = "simulate"
	commandCheckConfig = "check-config"
	commandIAMPolicy   = "iam-policy"
	commandAlerts      = "alerts"
	commandSnapshot    = "snapshot"
	commandList        = "list"
	commandVersion     = "version"
)

// options are what the user asked for on the command line and in the environment.
type options struct {
	configFile     string
	overrides      config.Overrides
	asker          string // the flag or command that needs a policy at once; empty when none does
	reconcile      bool   // enforce what the policies ask for
	lease          string // the Lease to hold before writing, NAMESPACE/NAME; empty: none
	maxSteps       int    // most writes in one round of reconcile
	demo           bool
	demoSpeed      float64
	demoDays       bool
	speedIsSet     bool   // on the command line, to whatever
	demoAWS        string // the URL of another demo's embedded AWS; empty: one of its own
	alerting       alertingOptions
	web            *web.FlagConfig
	telemetryPath  string
	grafana        string // the URL of the Grafana that has the dashboards; empty: none
	logLevel       string
	logFormat      string
	endpoints      []string // the arguments of plan and apply: the only endpoints to look at, which they select
	yes            bool     // apply does not ask
	screen         bool     // somebody reads what is printed on a terminal
	explained      string   // the argument of explain: the endpoint
	recommend      recommendOptions
	format         string // plan prints for a pipeline, see package iac; empty: for people
	json           bool   // plan, apply, explain, list, recommend and alerts print for tools
	watch          bool   // list goes on
	verbose        bool   // explain prints what each link is known by
	checkFile      string // the argument of check-config
	checkEndpoints int    // how many endpoints check-config says the price of
	printDefaults  bool   // check-config prints the file with its defaults
	iam            iamOptions
	simulate       simulateOptions
	snapshot       snapshotOptions
	transport      http.RoundTripper // for tests: to AWS instead of the network
	stdin          io.Reader         // for tests: a terminal, instead of the standard input
}

// application declares every command and flag. A flag that the config file knows too has no default of its own: only
// what the user set wins over the file.
func application(o *options) *kingpin.Application {
	app := kingpin.New(program, "Exposes Amazon SageMaker asynchronous inference endpoints and the state of their scaling to Prometheus.")
	app.HelpFlag.Short('h')
	app.Version(version.Print(program))
	app.DefaultEnvars()
	daemon.NoVariables(app)
	helps(app)

	defaults := config.Default().Polling
	app.Flag("config.file", "The configuration file (YAML). Everything has a default without it.").
		PlaceHolder("FILE").StringVar(&o.configFile)
	app.Flag("aws.region", "Region to observe; repeatable. Default: the SDK's own (AWS_REGION, the profile).").
		PlaceHolder("REGION").StringsVar(&o.overrides.Regions)
	app.Flag("aws.role-arn", "Role to assume for each region. More than one account is written in the config file.").
		PlaceHolder("ARN").StringVar(&o.overrides.RoleARN)
	app.Flag("aws.external-id", "External id that the role's trust policy asks for.").
		PlaceHolder("ID").StringVar(&o.overrides.ExternalID)
	app.Flag("endpoints.include", "Endpoints to observe: regular expression (RE2) on the whole name; repeatable. Default: all.").
		PlaceHolder("REGEX").StringsVar(&o.overrides.Include)
	app.Flag("endpoints.exclude", "Endpoints to leave out, stronger than --endpoints.include; repeatable.").
		PlaceHolder("REGEX").StringsVar(&o.overrides.Exclude)
	app.Flag("poll.interval", fmt.Sprintf("How often queue metrics and instances are asked, %s at least. Default: %s.", config.MinInterval, defaults.Queue)).
		PlaceHolder("DURATION").StringVar(&o.overrides.Poll)
	app.Flag("poll.scaling-interval", fmt.Sprintf("How often scalable targets, policies, alarms and activities are asked, %s at least. Default: %s.", config.MinInterval, defaults.Scaling)).
		PlaceHolder("DURATION").StringVar(&o.overrides.PollScaling)
	app.Flag("poll.max-staleness", fmt.Sprintf("Older knowledge is no longer shown, unless three intervals are longer. Default: %s.", defaults.MaxStaleness)).
		PlaceHolder("DURATION").StringVar(&o.overrides.MaxStaleness)
	app.Flag("reconcile", "Enforce the policies on the endpoints selected for it.").
		BoolVar(&o.reconcile)
	app.Flag("reconcile.endpoints", "Endpoints that get the documented policy: regular expression (RE2) on the whole name; repeatable. The entries of policies: in the config file come first. Selecting alone writes nothing: it makes the plan.").
		PlaceHolder("REGEX").StringsVar(&o.overrides.ReconcileEndpoints)
	app.Flag("reconcile.max-steps", "Most writes in one round of reconcile, 1 at least; the rest is withheld until the next.").
		Default("20").IntVar(&o.maxSteps)
	app.Flag("reconcile.lease", "Kubernetes Lease to hold before writing: of several processes with --reconcile and the same Lease one alone writes.").
		PlaceHolder("NAMESPACE/NAME").StringVar(&o.lease)
	app.Flag("demo", "Observe the embedded simulated AWS instead of a real account: no credentials, and nothing leaves the machine.").
		BoolVar(&o.demo)
	app.Flag("demo.speed", "How fast the clock of the demo runs; exporter and embedded AWS share it.").
		Default("1").IsSetByUser(&o.speedIsSet).Float64Var(&o.demoSpeed)
	app.Flag("demo.days", "The demo has one more endpoint, invoices-morning, with 15 days of history in which work begins each morning: for "+commandRecommend+" --schedule.").
		BoolVar(&o.demoDays)
	app.Flag("demo.aws", "Observe the embedded AWS of another demo on this machine, and run on its clock, instead of starting one.").
		PlaceHolder("URL").StringVar(&o.demoAWS)
	app.Flag("alerting.url", "Where "+alertingProgram+" listens: what it says stands at "+pages.StatusPath+" and is printed by "+commandAlerts+". Default: none for "+commandServe+", "+alertingURL+" for "+commandAlerts+".").
		PlaceHolder("URL").StringVar(&o.alerting.url)
	app.Flag("alerting.config.file", "How "+alertingProgram+" is asked: TLS, passwords and the like, in the format of Prometheus' HTTP clients (YAML).").
		PlaceHolder("FILE").StringVar(&o.alerting.configFile)
	o.web = kingpinflag.AddFlags(app, listenAddress)
	app.Flag("web.telemetry-path", "Path under which the metrics are served.").
		Default("/metrics").StringVar(&o.telemetryPath)
	app.Flag("web.grafana-url", "Where your Grafana is: the page of each endpoint links its dashboard there. Default: none, and there is no link.").
		PlaceHolder("URL").StringVar(&o.grafana)
	app.Flag("log.level", "Least severity that is logged: debug, info, warn or error.").
		Default("info").StringVar(&o.logLevel)
	app.Flag("log.format", "Form of the log: logfmt or json.").
		Default("logfmt").StringVar(&o.logFormat)

	app.Command(commandServe, "Run the exporter.").Default()
	listing := app.Command(commandList, "Observe once and list the endpoints, the worst first: state, requests waiting, instances, what is wrong and how to fix it. Exit status: 0, 2 something needs attention, 1 error.")
	listing.Flag("watch", "Go on observing, and draw the list again every 5 seconds, until Ctrl-C. The exit status is that of the last list.").BoolVar(&o.watch)
	listing.Flag("json", "Print JSON for tools.").BoolVar(&o.json)
	explaining := app.Command(commandExplain, "Observe one endpoint and say, link by link, why it does or does not scale. Exit status: 0 healthy, 2 needs attention, 1 error.")
	explaining.Flag("json", "Print JSON for tools.").BoolVar(&o.json)
	explaining.Flag("verbose", "Print the facts, failing checks and steps of each link too.").Short('v').BoolVar(&o.verbose)
	explaining.Arg("endpoint", "The endpoint: its name, or account/region/name where a name is ambiguous.").Required().StringVar(&o.explained)
	for _, command := range []struct{ name, help string }{
		{commandPlan, "Observe once, for a minute at most, and print what would bring the endpoints to their policies. Exit status: 0 nothing to change, 2 changes pending or withheld, 1 error."},
		{commandApply, "Observe once, reconcile each endpoint that has steps, and print what was done. On a terminal it shows the plan and asks. Exit status: 0 converged, 2 something is withheld or still pending, 1 error."},
	} {
		planning := app.Command(command.name, command.help)
		planning.Flag("json", "Print JSON for tools.").BoolVar(&o.json)
		if command.name == commandPlan {
			planning.Flag("format", "Print the steps in the language of your pipeline: "+strings.Join(iac.Formats(), ", ")+".").
				PlaceHolder("FORMAT").EnumVar(&o.format, iac.Formats()...)
		}
		if command.name == commandApply {
			planning.Flag("yes", "Do not ask before the first write. Without a terminal nothing is asked.").BoolVar(&o.yes)
		}
		planning.Arg("endpoint", "The only endpoints to look at, by their exact names. They get the documented policy, unless an entry of policies: selects them.").StringsVar(&o.endpoints)
	}
	recommending := app.Command(commandRecommend, "Read the history of one endpoint and say, with reasons, which target value, bounds and cooldowns its policy should have. Without an endpoint: what each of the fleet costs, and what other policies would have cost, the largest saving first. Exit status: 0, 1 error, or too little history of the endpoint.")
	recommending.Flag("latency", "How long a request may take, its time in the queue and that of the work on it. Default: the endpoint's objective (objectives.latency).").
		PlaceHolder("DURATION").SetValue(&o.recommend.latency)
	recommending.Flag("service-time", "How long the work on a request takes, as a benchmark of one instance has shown. Default: from history.").
		PlaceHolder("DURATION").SetValue(&o.recommend.service)
	recommending.Flag("concurrency", "Requests that an instance works on at the same time. Default: MaxConcurrentInvocationsPerInstance, else from history.").
		PlaceHolder("N").IntVar(&o.recommend.concurrency)
	recommending.Flag("days", fmt.Sprintf("Days of history to read, %d at most.", advise.MostDays)).
		Default(strconv.Itoa(advise.MostDays)).IntVar(&o.recommend.days)
	recommending.Flag("max-capacity", "The highest maximum to recommend, for example what the account's quota allows.").PlaceHolder("N").IntVar(&o.recommend.most)
	recommending.Flag("json", "Print JSON for tools.").BoolVar(&o.json)
	recommending.Flag("format", "Print what brings the endpoints to the recommended policies in the language of your pipeline: "+strings.Join(iac.Formats(), ", ")+".").
		PlaceHolder("FORMAT").EnumVar(&o.format, iac.Formats()...)
	recommending.Flag("choice", "Which choice of an endpoint --format prints: "+strings.Join(advise.Choices(), " or ")+". Default: "+advise.Choices()[0]+".").
		PlaceHolder("NAME").EnumVar(&o.recommend.choice, advise.Choices()...)
	recommending.Flag("schedule", "Look for the time at which work begins on each day or on some days of the week, and print scheduled actions that have instances ready before it, compared by replay. --format has them for your pipeline.").
		BoolVar(&o.recommend.schedule)
	recommending.Flag("output", "Without an endpoint: write the policies that save something into a file, with the reason for each.").PlaceHolder("FILE").StringVar(&o.recommend.output)
	recommending.Arg("endpoint", "The endpoint: its name, or account/region/name where a name is ambiguous. Default: the whole fleet.").StringVar(&o.recommend.endpoint)
	o.simulate.declare(app, &o.json)
	o.snapshot.declare(app)
	check := app.Command(commandCheckConfig, "Read a config file strictly and say what is wrong with it, or what CloudWatch will cost.")
	check.Arg("file", "The file to read.").StringVar(&o.checkFile)
	check.Flag("endpoints", "How many endpoints to say the monthly price of CloudWatch for.").Default("100").IntVar(&o.checkEndpoints)
	check.Flag("print-defaults", "Print the file with every default written out; without a file, the defaults.").BoolVar(&o.printDefaults)
	grant := app.Command(commandIAMPolicy, "Print the least IAM policy for what the flags and the config file ask for: with --reconcile for writing too. Asks nobody.")
	grant.Flag("alarm-name", "Further wake alarm that may be written, one that is adopted under its own name; * stands for any text; repeatable.").
		PlaceHolder("NAME").StringsVar(&o.iam.alarmNames)
	grant.Flag("deny-removal", "Deny DeregisterScalableTarget and DeleteScalingPolicy, whatever else allows them.").BoolVar(&o.iam.denyRemoval)
	grant.Flag("partition", "The partition of AWS: aws, aws-cn, aws-us-gov.").Default("aws").StringVar(&o.iam.partition)
	app.Command(commandVersion, "Print the version, as --version does.")
	alerting := app.Command(commandAlerts, "Ask "+alertingProgram+" which alerts fire and which are pending. Exit status: 0 none of severity critical fires, 2 one does, 1 error.")
	alerting.Flag("json", "Print JSON for tools.").BoolVar(&o.json)
	return app
}

// parse reads the command line and the environment. Help and version are written to out; they are a command of their
// own, the empty one.
func parse(args []string, out io.Writer) (command string, o options, err error) {
	app := application(&o)
	done := false
	app.UsageWriter(out).ErrorWriter(out).Terminate(func(int) { done = true })
	if len(args) == 2 && args[0] == "--completion-bash" && !strings.HasPrefix(args[1], "-") {
		args = args[:1] // kingpin takes the beginning of a command for an argument of the default one, and completes nothing
	}
	command, err = app.Parse(args)
	switch {
	case done:
		return "", o, nil
	case err != nil:
		return "", o, misspelt(app.Model(), err)
	case command == commandCheckConfig && o.checkFile == "" && !o.printDefaults:
		return "", o, errors.New("required argument 'file' not provided (try --help)")
	case command == commandCheckConfig && o.checkEndpoints < 0:
		return "", o, fmt.Errorf("--endpoints: %d is not a number of endpoints: write for example 100", o.checkEndpoints)
	case command == commandIAMPolicy:
		return command, o, errors.Join(o.problem(), o.iam.problem(o.reconcile))
	case command == commandRecommend:
		return command, o, errors.Join(o.problem(), o.recommend.problem())
	case command == commandSimulate:
		return command, o, errors.Join(o.problem(), o.simulate.problem())
	case command == commandAlerts: // it looks at no AWS, so it is not asked where that is
		return command, o, o.alerting.problem()
	case command != commandCheckConfig:
		return command, o.asks(command), o.problem()
	}
	return command, o, nil
}

// asks notes who asks for policies to be enforced, if anybody does. plan without one says what it could be asked for.
func (o options) asks(command string) options {
	switch {
	case command == commandApply:
		o.asker = command
	case command == commandServe && o.reconcile:
		o.asker = "--reconcile"
	}
	return o
}

// problem is what is wrong with flags that are good by themselves.
func (o options) problem() error {
	taken := []string{"/", pages.HealthyPath, pages.ReadyPath, pages.ReloadPath, pages.PlanPath, pages.StatusPath, pages.StylePath, paging.ReasonsPath}
	switch {
	case o.format != "" && o.json:
		return errors.New("--format and --json are two forms of the same: give one")
	case !strings.HasPrefix(o.telemetryPath, "/") || strings.ContainsAny(o.telemetryPath, "{} ?#"):
		return fmt.Errorf("--web.telemetry-path: %q is not a path: write for example /metrics", o.telemetryPath)
	case slices.Contains(taken, o.telemetryPath):
		return fmt.Errorf("--web.telemetry-path: %s is a page of the exporter already: write for example /metrics", o.telemetryPath)
	case o.maxSteps < 1:
		return fmt.Errorf("--reconcile.max-steps: %d is below 1: write for example 20; leave --reconcile out to write nothing", o.maxSteps)
	case o.lease != "" && !o.reconcile:
		return errors.New("--reconcile.lease goes with --reconcile alone: without it nothing is ever written")
	case !(o.demoSpeed > 0 && o.demoSpeed <= 3600):
		return fmt.Errorf("--demo.speed: %v is not between 0 and 3600: write for example 60 for a minute in each second", o.demoSpeed)
	case o.demoSpeed != 1 && !o.demo:
		return errors.New("--demo.speed goes with --demo alone: the clock of a real account cannot be set")
	case o.demoDays && (!o.demo || o.demoAWS != ""):
		return errors.New("--demo.days goes with --demo alone, and not with --demo.aws: the embedded AWS that is joined has its own endpoints")
	case o.demoAWS != "" && !o.demo:
		return errors.New("--demo.aws goes with --demo alone: a real AWS is reached by AWS_ENDPOINT_URL and the --aws flags")
	case o.demoAWS != "" && (o.speedIsSet || o.demoSpeed != 1):
		return errors.New("--demo.speed does not go with --demo.aws: the embedded AWS that is joined has a clock, and both run on that one")
	case o.demo && (len(o.overrides.Regions) > 0 || o.overrides.RoleARN != "" || o.overrides.ExternalID != ""):
		return errors.New("--demo observes the embedded AWS alone: leave the --aws flags out, or leave --demo out")
	}
	if o.grafana != "" {
		if _, err := daemon.LinkURL("--web.grafana-url", o.grafana); err != nil {
			return err
		}
	}
	return o.alerting.problem()
}

// config is the configuration in force: the file, if there is one, under the flags. Where policies are enforced it selects
// something, after a reload too.
func (o options) config() (config.Config, error) {
	cfg := config.Default()
	if o.configFile != "" {
		var err error
		if cfg, err = config.Load(o.configFile); err != nil {
			return config.Config{}, err
		}
	}
	if o.demo {
		cfg.Scopes = config.Default().Scopes // the scopes of the file are real accounts
	}
	cfg, err := cfg.With(o.overrides)
	if err == nil && o.asker != "" && len(o.endpoints) == 0 && len(cfg.Policies()) == 0 {
		err = selectionProblem(o.asker)
	}
	if err != nil {
		return config.Config{}, err
	}
	return cfg, nil
}

// selectionProblem is what is wrong when somebody asks for policies to be planned or enforced and none is there: asker is
// the flag or the command. Policies that match no endpoint are another matter, which AWS alone can tell.
func selectionProblem(asker string) error {
	return fmt.Errorf("%s: no endpoint is selected: name some by --reconcile.endpoints, for example --reconcile.endpoints='transcribe-.*', or write policies: into the config file", asker)
}
