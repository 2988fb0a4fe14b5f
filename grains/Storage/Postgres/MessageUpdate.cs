using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>How far a message has come. Its result says nothing.</summary>
internal sealed class MessageUpdate : PostgresWrite<bool>
{
    public MessageUpdate(MessageKey key, MessageProgress progress)
        : base(StoreWeight.OfSmall)
    {
        PostgresText.Checked(key.Device.ProductKey);
        PostgresText.Checked(key.Device.DeviceName);
        PostgresText.Checked(key.MessageId);
        PostgresText.Checked(progress.Reason ?? "");
        Key = key;
        Progress = progress;
    }

    public MessageKey Key { get; }

    public MessageProgress Progress { get; }

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(this);
}
