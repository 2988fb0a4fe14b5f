using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.StatusEvents;

namespace IotPlatform.Storage;

/// <summary>
/// The status events of one commit on their way to becoming a page, which is stored in the same transaction as what they tell of: so there is none without the other,
/// and a page costs a row, whatever the number of its events.
/// </summary>
public sealed class StatusEventBuffer : IDisposable
{
    private const byte Version = 1;

    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    /// <summary>An empty one.</summary>
    public StatusEventBuffer() => _writer = new BinaryWriter(_bytes);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bytes.Length == 0;

    /// <summary>A message was accepted.</summary>
    public void Add(DeviceMessage message) => Add(message.Device, message.MessageId, message.Name, MessageStatus.Pending, message.CreatedAt, null);

    /// <summary>A message was accepted, and may have come further since.</summary>
    internal void Add(UnwrittenMessage message)
    {
        Add(message.Accepted);
        if (message.Change is { } change)
        {
            Add(change);
        }
    }

    /// <summary>A message has come further, perhaps over several statuses at once.</summary>
    public void Add(MessageChange change)
    {
        var progress = change.Progress;
        if (change.From == MessageStatus.Pending && progress.SentAt is { } sentAt)
        {
            Add(change.Device, change.MessageId, change.Name, MessageStatus.Sent, sentAt, null);
        }

        if (progress.IsFinal)
        {
            Add(change.Device, change.MessageId, change.Name, progress.Status, progress.FinishedAt!.Value, progress.Reason);
        }
    }

    /// <summary>The page.</summary>
    public byte[] ToPage() => _bytes.ToArray();

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>Begins anew.</summary>
    public void Clear() => _bytes.SetLength(0);

    /// <summary>The events of a page.</summary>
    public static ImmutableArray<StatusEvent> Read(StatusEventPage page)
    {
        var events = ImmutableArray.CreateBuilder<StatusEvent>();
        using var bytes = new MemoryStream(page.Events, writable: false);
        using var reader = new BinaryReader(bytes);
        if (reader.ReadByte() != Version)
        {
            throw new InvalidOperationException($"Status events at {page.Position} were written by a newer version of this program.");
        }

        while (bytes.Position < bytes.Length)
        {
            var status = (MessageStatus)reader.ReadByte();
            var at = StoreTime.FromStore(reader.ReadInt64());
            var device = new DeviceId(reader.ReadString(), reader.ReadString());
            var (messageId, name, reason) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
            events.Add(new StatusEvent(device, messageId, name, status, at, reason.Length == 0 ? null : reason, page.Position with { Index = events.Count }));
        }

        // Behind the last one nothing of the page is left to be read: it does not matter then whether the page is still kept.
        events[^1] = events[^1] with { Position = page.Position.BehindPage };
        return events.DrainToImmutable();
    }

    private void Add(DeviceId device, string messageId, string name, MessageStatus status, DateTimeOffset at, string? reason)
    {
        if (IsEmpty)
        {
            _writer.Write(Version);
        }

        _writer.Write((byte)status);
        _writer.Write(StoreTime.ToStore(at));
        _writer.Write(device.ProductKey);
        _writer.Write(device.DeviceName);
        _writer.Write(messageId);
        _writer.Write(name);
        _writer.Write(reason ?? "");
    }
}
