package autoscaling

import "time"

// Minutes is where a period lies: it begins so many minutes ago and lasts so many; the newest complete minute is 0. AWS
// publishes by the minute: of periods shorter than that, the one in which the minute begins has its value and lasts one, and
// the others have none and last 0.
func Minutes(period time.Duration, ago int) (first, length int) {
	if period >= time.Minute {
		length = int(period / time.Minute)
		return ago * length, length
	}
	parts := max(1, int(time.Minute/max(period, time.Second)))
	if ago%parts == parts-1 {
		length = 1
	}
	return ago / parts, length
}

// Period is what a period shows under a statistic if each minute has one value, as the metrics of SageMaker do; minute tells
// the value so many minutes ago.
func Period(statistic string, period time.Duration, ago int, minute func(ago int) Value) Value {
	first, length := Minutes(period, ago)
	switch length {
	case 0:
		return Missing()
	case 1:
		return one(statistic, minute(first))
	}
	var stack [16]Value
	values := stack[:0]
	for i := range length {
		values = append(values, minute(first+i))
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
