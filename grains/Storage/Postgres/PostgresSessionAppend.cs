using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Storage.Postgres;

/// <summary>A message for a session, on its way into PostgreSQL.</summary>
internal sealed class PostgresSessionAppend : PostgresWrite<bool>
{
    private readonly UnwrittenAppends _unwritten;
    private readonly UnwrittenAppends.Entry _entry;

    public PostgresSessionAppend(UnwrittenAppends unwritten, int shard, DeviceId device, long sequence, StoredCopy copy)
        : base(StoreWeight.Of(copy))
    {
        PostgresText.Checked(device.ProductKey);
        PostgresText.Checked(device.DeviceName);
        PostgresText.Checked(copy.Share ?? "");
        (_unwritten, Shard, Device, Sequence, Copy) = (unwritten, shard, device, sequence, copy);
        _entry = unwritten.Add(device, sequence, Complete);
    }

    public int Shard { get; }

    public DeviceId Device { get; }

    public long Sequence { get; }

    public StoredCopy Copy { get; }

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch)
    {
        if (_entry.TryBegin())
        {
            batch.Add(this);
        }
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        _unwritten.Done(Device, Sequence);
        base.Complete();
    }

    /// <inheritdoc/>
    public override void Fail(Exception exception)
    {
        _unwritten.Done(Device, Sequence);
        base.Fail(exception);
    }
}
