// Package cycle turns the wheel: observe what is due, build the report, publish it. There is one cycle for each scope.
// Beside the command it is the only place that logs.
package cycle
