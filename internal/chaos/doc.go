// Package chaos has a test that does to the snapshot resource what a bad year does: thousands of applies and destroys by two
// processes on the same clusters, while requests, answers, credentials and snapshots go wrong at random places, runs are
// interrupted and terminated, and Atlas lags and rewrites what it was sent. After each round it counts: Atlas must have the
// snapshots that the states have, none that was taken twice without a word, and every resource that had a backup must have one.
//
// Other worlds have restores. There the audit compares how often each target was erased with how often that was asked for, and wants
// every restore job to be in a state or named in a message.
//
// There are many worlds, each with an Atlas that behaves in a way of its own. A seed fixes what is applied and what goes wrong in a
// world. The two processes run at the same time, so how their requests fall between each other may differ from run to run.
package chaos
