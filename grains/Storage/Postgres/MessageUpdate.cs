using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>How far a message has come. Its result says nothing.</summary>
internal sealed class MessageUpdate : PostgresWrite<bool>
{
    public MessageUpdate(MessageChange change)
        : base(StoreWeight.OfSmall)
    {
        PostgresText.Checked(change.Progress.Reason ?? "");
        Change = change;
    }

    public MessageKey Key => MessageKey.Of(Change);

    public MessageChange Change { get; }

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(this);
}
