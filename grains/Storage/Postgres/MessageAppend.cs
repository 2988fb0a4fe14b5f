namespace IotPlatform.Storage.Postgres;

/// <summary>A new message; false when the device has one with its id.</summary>
internal sealed class MessageAppend : PostgresWrite<bool>
{
    public MessageAppend(UnwrittenMessage message)
        : base(StoreWeight.Of(message.Accepted))
    {
        var accepted = message.Accepted;
        PostgresText.Checked(accepted.Device.ProductKey);
        PostgresText.Checked(accepted.Device.DeviceName);
        PostgresText.Checked(accepted.MessageId);
        PostgresText.Checked(accepted.Name);
        PostgresText.Checked(accepted.Topic);
        PostgresText.Checked(accepted.Progress.Reason ?? "");
        Message = message;
        DeviceKey = Postgres.DeviceKey.Of(accepted.Device);
    }

    public UnwrittenMessage Message { get; }

    public MessageKey Key => MessageKey.Of(Message.Accepted);

    public long DeviceKey { get; }

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch)
    {
        Message.Begin();
        batch.Add(this);
    }
}
