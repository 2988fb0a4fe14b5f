using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>A new message; false when the device has one with its id.</summary>
internal sealed class MessageAppend : PostgresWrite<bool>
{
    public MessageAppend(DeviceMessage message)
        : base(StoreWeight.Of(message))
    {
        PostgresText.Checked(message.Device.ProductKey);
        PostgresText.Checked(message.Device.DeviceName);
        PostgresText.Checked(message.MessageId);
        PostgresText.Checked(message.Name);
        PostgresText.Checked(message.Topic);
        PostgresText.Checked(message.Progress.Reason ?? "");
        Message = message;
    }

    public DeviceMessage Message { get; }

    public MessageKey Key => new(Message.Device, Message.MessageId);

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(this);
}
