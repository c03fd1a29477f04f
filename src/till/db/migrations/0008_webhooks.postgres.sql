-- Queues are written over and over: room for it in each page, and a vacuum that comes early.

ALTER TABLE deliveries SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

ALTER TABLE event_forms ALTER COLUMN payload SET COMPRESSION lz4;
