using IotPlatform.Devices;

namespace IotPlatform.Storage.Postgres;

/// <summary>A message that its session's client is done with. Its result says nothing.</summary>
internal sealed class PostgresSessionRemoval(int shard, DeviceId device, long sequence) : PostgresWrite<bool>(StoreWeight.OfSmall)
{
    public int Shard => shard;

    public DeviceId Device => device;

    public long Sequence => sequence;

    /// <inheritdoc/>
    public override void AddTo(PostgresBatch batch) => batch.Add(this);
}
