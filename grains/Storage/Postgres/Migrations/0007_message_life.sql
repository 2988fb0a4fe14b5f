-- How messages to the devices of a product are kept and retried, as JSON; null: by the installation's settings.
ALTER TABLE product ADD COLUMN message_policy text NULL;

-- Written to a connection again: each time as eight bytes.
ALTER TABLE device_message ADD COLUMN resent_at bytea NULL;

-- Acknowledged after it had ended as timed out or failed.
ALTER TABLE device_message ADD COLUMN acknowledged_late_at bigint NULL;

-- What went wrong with a product's messages is a small part of the table. A reason is set exactly with that, and changes no other time.
CREATE INDEX device_message_undelivered ON device_message (product_key, device_name, sequence) WHERE reason IS NOT NULL;
