using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The rows of messages that have ended and are filed together. There may be rows in here that are not in the table, or have not ended there, because
/// their write failed. Some 60 bytes a message.
/// </summary>
internal sealed class EndedRows : MessageRows
{
    /// <summary>Devices with the ids that callers gave: a device may have very many rows, and mostly none has the id that is looked for.</summary>
    private readonly HashSet<long> _ownIds = [];

    /// <inheritdoc/>
    public override void Add(DeviceId device, MessageRow row)
    {
        lock (Gate)
        {
            base.Add(device, row);
            if (row.IdHash is not IdHash.NoOwnId)
            {
                _ownIds.Add(KeyOf(device, row.IdHash));
            }
        }
    }

    /// <summary>A device's rows whose id may be that of <paramref name="idHash"/>. Mostly none.</summary>
    public ImmutableArray<MessageRow> WithId(DeviceId device, int idHash)
    {
        lock (Gate)
        {
            return _ownIds.Contains(KeyOf(device, idHash)) && ByDevice.TryGetValue(device, out var rows) ? [.. rows.Where(row => row.IdHash == idHash)] : [];
        }
    }

    /// <summary>All of them, in the order of the index by device.</summary>
    public MessageRow[] InOrder()
    {
        lock (Gate)
        {
            return [.. ByDevice.OrderBy(static of => of.Key.ProductKey, StringComparer.Ordinal).ThenBy(static of => of.Key.DeviceName, StringComparer.Ordinal).SelectMany(static of => of.Value)];
        }
    }

    private static long KeyOf(DeviceId device, int idHash) => ((long)device.GetHashCode() << 32) ^ (uint)idHash;
}
