-- How messages to the devices of a product are kept and retried, as JSON; null: by the installation's settings.
ALTER TABLE product ADD COLUMN message_policy TEXT NULL;

-- Written to a connection again: each time as eight bytes.
ALTER TABLE device_message ADD COLUMN resent_at BLOB NULL;

-- Acknowledged after it had ended as timed out or failed.
ALTER TABLE device_message ADD COLUMN acknowledged_late_at INTEGER NULL;

-- What is asked for by product is mostly what waits, and what went wrong: both are a small part of the table. A reason is set exactly with the latter.
CREATE INDEX device_message_waiting ON device_message (product_key, device_name, sequence) WHERE finished_at IS NULL;

CREATE INDEX device_message_undelivered ON device_message (product_key, device_name, sequence) WHERE reason IS NOT NULL;
