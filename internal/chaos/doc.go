// Package chaos has a test that does to the snapshot resource what a bad year does: hundreds of applies and destroys by two
// processes on the same clusters, while requests, answers, credentials and snapshots go wrong at random places. After each
// round it counts: Atlas must have the snapshots that the states have, and none twice.
//
// A seed fixes what is applied and what goes wrong. The two processes run at the same time, so how their requests fall
// between each other may differ from run to run.
package chaos
