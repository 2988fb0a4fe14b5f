using IotPlatform.Devices;
using IotPlatform.Sessions;

namespace IotPlatform.Storage.Sqlite;

/// <summary>A message for a session, on its way into SQLite.</summary>
internal sealed class SqliteSessionAppend : SqliteWrite
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UnwrittenAppends _unwritten;
    private readonly UnwrittenAppends.Entry _entry;
    private readonly int _shard;
    private readonly DeviceId _device;
    private readonly long _sequence;
    private readonly StoredCopy _copy;

    public SqliteSessionAppend(UnwrittenAppends unwritten, int shard, DeviceId device, long sequence, StoredCopy copy)
        : base(StoreWeight.Of(copy))
    {
        (_unwritten, _shard, _device, _sequence, _copy) = (unwritten, shard, device, sequence, copy);
        _entry = unwritten.Add(device, sequence, Complete);
    }

    /// <summary>Completes when it is durable, or not needed any more.</summary>
    public Task Task => _completion.Task;

    /// <inheritdoc/>
    public override void Apply(PreparedCommands commands)
    {
        if (!_entry.TryBegin())
        {
            return;
        }

        var message = _copy.Message;
        commands.Execute(
            $"INSERT INTO session_message ({SqliteSessionStore.MessageColumns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, 0)",
            (long)_shard, _device.ProductKey, _device.DeviceName, _sequence, message.Topic.ToStored(), message.Payload.ToStored(), message.Properties.ToStored(),
            (long)_copy.QoS, _copy.IsRetain, _copy.Identifiers.ToStored(), _copy.Share, message.PublishId, StoreTime.ToStore(message.ExpiresAt));
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        _unwritten.Done(_device, _sequence);
        _completion.TrySetResult();
    }

    /// <inheritdoc/>
    public override void Fail(Exception exception)
    {
        _unwritten.Done(_device, _sequence);
        _completion.TrySetException(exception);
    }
}
