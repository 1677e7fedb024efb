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

// period is what a period shows under a statistic if each minute has one value, as the metrics of SageMaker do; over tells the
// values of so many minutes, of which the newest is so many minutes ago.
func period(statistic string, of time.Duration, ago int, over func(ago, minutes int) [3]stretch) Value {
	first, length := Minutes(of, ago)
	if length == 0 {
		return Missing()
	}
	values := over(first, length)
	if length == 1 {
		for _, s := range values {
			if s.minutes > 0 {
				return one(statistic, s.value)
			}
		}
	}
	return show(statistic, values[:])
}

// one is what a single minute shows.
func one(statistic string, v Value) Value {
	switch statistic {
	case "Average", "Maximum", "Minimum", "Sum":
		return v
	}
	return show(statistic, []stretch{{v, 1}})
}
