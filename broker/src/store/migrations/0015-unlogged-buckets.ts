/** What is left of a limit need not outlive a crash: a request to the Management API does not wait for the disk. */
export const unloggedBucketsOnPostgres = ['alter table rate_buckets set unlogged'];
