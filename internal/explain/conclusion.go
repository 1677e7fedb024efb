package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Conclusion is what follows from all links.
type Conclusion struct {
	State     State
	Doing     State  // what it does, whatever is wrong with it: State, but never Failing, and Stuck where requests wait for nobody
	Attention bool   // somebody has to do or to find out something
	Sentence  string // for people: what happens, what will happen and when; or what to fix and how
	Cause     string // the sentence without how to fix it; the whole sentence when nothing has to be fixed
	Situation string // how many requests wait and for how long, and what runs; empty when nothing is known
	Link      Name   // of a conclusion that needs attention: the link to look at; else empty
	Variant   string // whose link that is; empty for the endpoint's
	Check     string // the failing check by which the link is broken; empty when it is by none
	Preview   string // the command that prints what Command would do, and writes nothing
	Command   string // what mends it; empty when that takes more than a command
	Advice    string // what a person does about it where no command does; empty when there is one, or nothing to do
	Page      string // the page that says what to do; empty when nothing has to be done
	Next      string // what is to be expected; empty when nothing is
	Earliest  time.Time
	Latest    time.Time // until when it is to be expected; zero when that is not known
}

// unknown is the conclusion for an endpoint of which nothing is known.
func unknown(endpoint, why string) Conclusion {
	sentence := "Whether " + endpoint + " scales is not known: " + why + "."
	return Conclusion{
		State: NotKnown, Doing: NotKnown, Attention: true, Sentence: sentence, Cause: sentence,
		Page: Docs + check.RunbookOf("SageMakerAsyncSourceDown"),
	}
}

// conclude says what follows. What holds up what has to happen now comes first, then what is broken else, then that
// requests wait for too long although nothing is found, then what is not known.
func (l *looked) conclude(links []Link) Conclusion {
	if l.missing != "" {
		return unknown(l.endpoint.Name, l.missing)
	}
	if len(l.endpoint.Variants) == 0 {
		if l.endpoint.DescribedAt.IsZero() { // a first view is under way
			c := unknown(l.endpoint.Name, "it is not described yet")
			c.Attention, c.Page = false, ""
			return c
		}
		return unknown(l.endpoint.Name, "DescribeEndpoint names no variant")
	}
	if l.resting != "" {
		return l.healthy(links)
	}
	for _, is := range []func(*Link) bool{
		func(link *Link) bool { return link.Verdict == Broken && link.holds && root(link, links) },
		func(link *Link) bool { return link.Verdict == Broken && link.Name != Queue && root(link, links) },
		func(link *Link) bool { return link.Verdict == Broken },
	} {
		if i := slices.IndexFunc(links, func(link Link) bool { return is(&link) }); i >= 0 {
			c := l.broken(&links[i])
			if !slices.ContainsFunc(links, func(link Link) bool { return link.Verdict == Broken && !link.spends() }) {
				c.State = c.Doing
			}
			return c
		}
	}
	if i := slices.IndexFunc(links, func(link Link) bool { return link.Verdict == Unknown }); i >= 0 {
		c := unknown(l.endpoint.Name, unended(lower(links[i].Sentence)))
		c.Link, c.Variant = links[i].Name, links[i].Variant
		return c
	}
	return l.healthy(links)
}

// spends tells whether the link is broken only in that work is lost, and as a warning: the endpoint scales, and does it all again.
func (l *Link) spends() bool { return l.lacks == check.Keep && l.warns }

// root tells whether nothing behind the link is the cause of its being broken: with a target that is gone go its policies,
// and their alarms trigger nothing.
func root(link *Link, links []Link) bool {
	return link.Name == Target || !slices.ContainsFunc(links, func(other Link) bool {
		return other.Name == Target && other.Variant == link.Variant && other.Verdict == Broken && link.Name == Alarm
	})
}

// broken is the conclusion from the link that is broken.
func (l *looked) broken(link *Link) Conclusion {
	c := Conclusion{
		State: Failing, Doing: l.doing(link), Attention: true, Link: link.Name, Variant: link.Variant, Check: link.check,
		Page: Docs + "explain.md#the-links", // what no check and no alert is about
	}
	if c.Check != "" {
		c.Page = Docs + check.Of(c.Check).Section()
	}
	if link.Alert != "" {
		c.Page = Docs + check.RunbookOf(link.Alert)
	}
	whose := ""
	if len(l.endpoint.Variants) > 1 && link.Variant != "" {
		whose = " of variant " + link.Variant
	}
	does := "needs a fix"
	switch {
	case link.Name == Queue:
		does = "lags behind"
	case link.Name == Target && strings.HasPrefix(link.Sentence, noTarget):
		c.Cause = fmt.Sprintf("%s %s%s: %s.", l.endpoint.Name, lower(unended(link.Sentence)), whose, l.situation())
		c.Sentence = c.Cause + " " + l.remedy(link, &c)
		return c
	case link.lacks == check.Keep && l.waiting && l.running > 0:
		does = "loses instances that have work"
	case link.Alert == atMaximum:
		does = "has all the instances that it may"
	case link.holds && l.asleep() && l.waiting:
		does = "does not wake"
	case link.holds:
		does = "does not scale"
	case l.asleep() && !l.waiting && l.wanted == 0:
		does = "sleeps and " + link.wouldNot()
	}
	c.Cause = fmt.Sprintf("%s %s: %s", l.endpoint.Name, does, lower(link.Sentence))
	if link.Name != Queue {
		c.Cause = fmt.Sprintf("%s %s: %s. ", l.endpoint.Name, does, l.situation())
		if whose != "" && !strings.Contains(link.Sentence, fmt.Sprintf("variant %q", link.Variant)) {
			c.Cause += "Variant " + link.Variant + ": "
		}
		c.Cause += link.Sentence
	}
	c.Sentence = c.Cause + " " + l.remedy(link, &c)
	return c
}

// wouldNot says of an endpoint that sleeps what would not happen.
func (l *Link) wouldNot() string {
	for _, of := range []struct {
		lacks check.Scaling
		words string
	}{{check.Wake, "would not wake"}, {check.Out, "would not scale out"}, {check.In, "would not scale in"}} {
		if l.lacks&of.lacks != 0 {
			return of.words
		}
	}
	return "needs a fix"
}

// atMaximum is the alert for more work than all the instances allowed can do.
const atMaximum = "SageMakerAsyncAtMaxNotDraining"

// remedy says what to do about a broken link.
func (l *looked) remedy(link *Link, c *Conclusion) string {
	if len(link.Steps) > 0 {
		c.Preview = l.command("plan")
		var titles []string
		for _, step := range link.Steps {
			titles = append(titles, string(step.Action)+" "+step.Title())
		}
		does := strings.Join(titles, ", ")
		if link.Others > 0 {
			does += fmt.Sprintf("; with %s of the plan", fleet.Plural(link.Others, "other step"))
		}
		if l.Started.Offline { // a file is no account to write to
			return "Preview the fix by " + c.Preview + " (" + does + ")."
		}
		c.Command = l.command("apply")
		if link.Planned && l.Reconcile.Enabled {
			return "Reconcile will fix it in one of its next rounds. Preview the fix by " + c.Preview + ", or apply it now by " + c.Command + " (" + does + ")."
		}
		return "Preview the fix by " + c.Preview + ", then apply it by " + c.Command + " (" + does + ")."
	}
	if link.advice != "" {
		c.Advice = link.advice
		return link.advice + " See " + c.Page + "."
	}
	if len(link.Withheld) > 0 && link.Planned {
		held := link.Withheld[0]
		return fmt.Sprintf("The plan withholds the step that would fix it (%s: %s). See %s.", held.Title(), reason(held), c.Page)
	}
	return "See " + c.Page + "."
}

// toScale says behind another sentence how to have an endpoint scaled that nothing scales; empty where no command does.
func (v *variant) toScale() string {
	switch {
	case v.brief:
		return ""
	case policy.OptedOut(v.endpoint.Tags):
		return "; its tag " + policy.OptOutTag + " takes it out of every policy"
	case v.noAlarms != "" || len(v.IfSelected(v.endpoint).Steps) == 0:
		return ""
	case v.Started.Offline:
		return "; see by " + v.command("plan") + " what would scale it"
	}
	return "; see by " + v.command("plan") + " what would scale it, then have it scaled by " + v.command("apply")
}

// command is what a person types to run a command of the program on the endpoint.
func (l *looked) command(name string) string {
	return l.Started.Command(name, l.Snapshot.Scope, l.endpoint.Name)
}

// situation is what waits and what runs.
func (l *looked) situation() string {
	waits := "what waits is not known"
	switch {
	case l.waiting:
		waits = l.waits()
	case l.empty:
		waits = "nothing waits"
	}
	switch {
	case !l.counted:
		return waits
	case l.running == 0 && l.wanted > 0:
		return fmt.Sprintf("%s, no instance runs and %s desired", waits, are(l.wanted))
	case l.running == 0:
		return waits + ", no instance runs"
	case l.wanted > l.running:
		return fmt.Sprintf("%s, %d of %d desired instances %s", waits, l.running, l.wanted, verb(float64(l.running), "runs", "run"))
	}
	return fmt.Sprintf("%s, %s %s", waits, instances(l.running), verb(float64(l.running), "runs", "run"))
}

// healthy is the conclusion when every link does what it should.
func (l *looked) healthy(links []Link) Conclusion {
	of := l.foremost()
	chain := map[Name]*Link{}
	for i := range links {
		if links[i].Variant == of.Name {
			chain[links[i].Name] = &links[i]
		}
	}
	state := l.does(of)
	c := Conclusion{State: state, Doing: state}
	name, situation := l.endpoint.Name, l.situation()
	switch state {
	case Fixed:
		c.Sentence = fmt.Sprintf("Nothing scales %s: %s, and that stays so%s.", name, situation, of.toScale())
	case Asleep:
		c.Sentence = name + " sleeps: " + situation + of.nextRequest() + "."
	case Waking:
		if of.desired == 0 && of.Behavior.Wakes.Verdict == behavior.NotJudged && !of.wakes.acts() {
			c.Sentence = fmt.Sprintf("%s has queued requests: %s; whether they wake it is not judged%s.", name, situation, because(of.Behavior.Wakes.Reason))
			break
		}
		c.expect(l, of.by().state, chain, "wakes", situation, Instances, Alarm)
	case AtMaximum:
		c.Sentence = fmt.Sprintf("%s has all the instances that it may: %s; the queue shrinks if that is enough, and %s comes if not.", name, situation, atMaximum)
	case ScalingOut:
		c.expect(l, of.by().state, chain, "scales out", situation, Instances, Policy, Activity, Alarm)
	case ScalingIn:
		c.expect(l, of.by().state, chain, "scales in", situation, Instances, Policy, Activity, Alarm)
	case Idle:
		c.Sentence = fmt.Sprintf("%s rests at its minimum: %s.", name, situation)
		if !of.atMinimum() {
			c.Sentence = fmt.Sprintf("%s idles: %s. %s.", name, situation, cmp.Or(of.unjudged(), "No policy removes the last of them"))
		}
	default:
		c.Sentence = fmt.Sprintf("%s works: %s, and nothing has to change.", name, situation)
	}
	return c
}

// moves is how much the number of instances of a variant has to move, compared with the others.
func (v *variant) moves() int {
	switch {
	case v.goes == wake && v.Behavior.Wakes.Verdict == behavior.Yes:
		return 5
	case v.goes == wake:
		return 4
	case v.goes == out && v.desired == v.current && v.atMaximum():
		return 2
	case v.goes == out:
		return 3
	case v.goes == in:
		return 1
	case v.asleep(): // the one that comes first
		return -v.comes()
	}
	return 0
}

// comes is how late a variant that sleeps comes for the next request, compared with the others.
func (v *variant) comes() int {
	switch w := &v.Behavior.Wakes; {
	case v.Target == nil:
		return 4
	case w.Verdict == behavior.NotJudged:
		return 2
	case w.Verdict == behavior.No:
		return 3
	case w.From > 1:
		return 1
	}
	return 0
}

// nextRequest says when an endpoint that sleeps has an instance for the next request; empty where it has none.
func (v *variant) nextRequest() string {
	w := &v.Behavior.Wakes
	comes := "the next request comes"
	if w.From > 1 {
		comes = fmt.Sprintf("%d requests are queued", w.From)
	}
	switch {
	case v.noAlarms != "":
		return ""
	case w.Verdict == behavior.NotJudged:
		return "; whether the next request wakes it is not judged" + because(w.Reason)
	case w.Verdict != behavior.Yes:
		return ""
	}
	least, most := v.usual.First(w.After)
	return fmt.Sprintf("; an instance should run %s to %s after %s", fleet.Lapse(least), fleet.Lapse(most), comes)
}

// expect says what will happen next: the first of the links that expects something tells. The state is that in which the alarm acts.
func (c *Conclusion) expect(l *looked, state string, chain map[Name]*Link, does, situation string, names ...Name) {
	c.Sentence = l.endpoint.Name + " " + does + ": " + situation
	for _, name := range names {
		link := chain[name]
		if link.next.what == "" {
			continue
		}
		c.Next, c.Earliest, c.Latest = link.next.what, link.next.when.from, link.next.when.to
		switch when := link.next.when; {
		case !when.known() && c.Next == nextInstance:
			c.Sentence += "; the instance is later than usual, and if it has not come after " + fleet.Lapse(nothingComes) + " AWS may have none"
		case !when.known() && c.Next == nextActivity:
			c.Sentence += "; its alarm is in " + state + ", and Application Auto Scaling acts on it each minute"
		case c.Next == nextFewer:
			c.Sentence += "; they stop within minutes"
		case !when.known():
		case c.Next == nextInstance && l.running == 0:
			if cools := chain[Policy].next; cools.what == nextCooldownEnd {
				c.Sentence += "; the cooldown lasts until " + fleet.Minute(cools.when.to, l.at)
			}
			c.Sentence += "; the first instance should run " + when.words(l.at)
			if done := chain[Work].next; done.what == nextCompletion {
				c.Sentence += ", and the first request be done " + done.when.words(l.at)
			}
		case c.Next == nextInstance:
			c.Sentence += "; the next instance should run " + when.words(l.at)
		case c.Next == nextAlarm:
			c.Sentence += "; unless that changes, the alarm for it should go into " + state + " " + when.words(l.at)
		case c.Next == nextActivity:
			c.Sentence += "; its alarm is in " + state + ", and Application Auto Scaling should act " + when.words(l.at)
		case c.Next == nextCooldownEnd:
			c.Sentence += "; the cooldown lasts until " + fleet.Minute(when.to, l.at)
		}
		break
	}
	c.Sentence += "."
}

// lower is a sentence that goes on behind another one; a name at its beginning stays as it is.
func lower(sentence string) string {
	word, _, _ := strings.Cut(sentence, " ")
	if len(word) < 1 || strings.ToLower(word[1:]) != word[1:] || word == "Application" || word == "DescribeEndpoint" || word == "AWS" {
		return sentence
	}
	return strings.ToLower(sentence[:1]) + sentence[1:]
}

// unended is a sentence without its full stop.
func unended(sentence string) string { return strings.TrimSuffix(sentence, ".") }
