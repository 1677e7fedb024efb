package autoscaling

import "time"

// Period is what a period shows under a statistic if each minute has one value, as the metrics of SageMaker do; minute tells
// the value so many minutes ago, and the newest complete minute is 0. AWS publishes by the minute: of periods shorter than
// that, the one in which the minute begins has its value and the others have none.
func Period(statistic string, period time.Duration, ago int, minute func(ago int) Value) Value {
	if period < time.Minute {
		parts := max(1, int(time.Minute/max(period, time.Second)))
		if ago%parts != parts-1 {
			return Missing()
		}
		period, ago = time.Minute, ago/parts
	}
	n := int(period / time.Minute)
	if n == 1 {
		return one(statistic, minute(ago))
	}
	var stack [16]Value
	values := stack[:0]
	for i := range n {
		values = append(values, minute(ago*n+i))
	}
	return Show(statistic, values)
}

// one is what a single minute shows.
func one(statistic string, v Value) Value {
	switch statistic {
	case "Average", "Maximum", "Minimum", "Sum":
		return v
	}
	return Show(statistic, []Value{v})
}
