// Package advise says which values the scaling policy of an endpoint should have: it estimates from history how long
// requests take and how many come, and makes a target value, a maximum and cooldowns of that. It is pure: it says what to
// ask CloudWatch, is told what CloudWatch answered, and gives a reason for each number.
package advise
