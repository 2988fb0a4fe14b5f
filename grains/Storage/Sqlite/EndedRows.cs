using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The rows of messages that have ended and are filed together, by device, in their order. There may be rows in here that are not in the table, or have not ended there, because
/// their write failed. Some 60 bytes a message.
/// </summary>
internal sealed class EndedRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, List<EndedRow>> _rows = [];

    /// <summary>Devices with the ids that callers gave: a device may have very many rows, and mostly none has the id that is looked for.</summary>
    private readonly HashSet<long> _ownIds = [];

    /// <summary>Adds a row, in the place of an earlier one of that sequence.</summary>
    public void Add(DeviceId device, EndedRow row)
    {
        lock (_gate)
        {
            ref var rows = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, device, out _);
            rows ??= [];
            if (IndexOf(rows, row.Sequence) is var i && i >= 0)
            {
                rows[i] = row;
            }
            else
            {
                rows.Insert(~i, row);
            }

            if (row.IdHash is not IdHash.NoOwnId)
            {
                _ownIds.Add(KeyOf(device, row.IdHash));
            }
        }
    }

    /// <summary>The row of a message; null for none.</summary>
    public long? Find(DeviceId device, long sequence)
    {
        lock (_gate)
        {
            return _rows.TryGetValue(device, out var rows) && IndexOf(rows, sequence) is >= 0 and var i ? rows[i].Place : null;
        }
    }

    /// <summary>A device's rows whose id may be that of <paramref name="idHash"/>. Mostly none.</summary>
    public ImmutableArray<EndedRow> WithId(DeviceId device, int idHash)
    {
        lock (_gate)
        {
            return _ownIds.Contains(KeyOf(device, idHash)) && _rows.TryGetValue(device, out var rows) ? [.. rows.Where(row => row.IdHash == idHash)] : [];
        }
    }

    /// <summary>A device's rows, in their order.</summary>
    public ImmutableArray<EndedRow> Of(DeviceId device)
    {
        lock (_gate)
        {
            return _rows.TryGetValue(device, out var rows) ? [.. rows] : [];
        }
    }

    /// <summary>The devices of a product that have rows, from a name on.</summary>
    public List<DeviceId> DevicesOf(string productKey, string firstName)
    {
        lock (_gate)
        {
            return [.. _rows.Keys.Where(device => device.ProductKey == productKey && string.CompareOrdinal(device.DeviceName, firstName) >= 0)];
        }
    }

    /// <summary>All of them, in the order of the index by device.</summary>
    public EndedRow[] InOrder()
    {
        lock (_gate)
        {
            return [.. _rows.OrderBy(static of => of.Key.ProductKey, StringComparer.Ordinal).ThenBy(static of => of.Key.DeviceName, StringComparer.Ordinal).SelectMany(static of => of.Value)];
        }
    }

    private static long KeyOf(DeviceId device, int idHash) => ((long)device.GetHashCode() << 32) ^ (uint)idHash;

    // Where it is, or the complement of where it belongs; mostly at the end.
    private static int IndexOf(List<EndedRow> rows, long sequence)
    {
        var (low, high) = (0, rows.Count - 1);
        if (high >= 0 && rows[high].Sequence < sequence)
        {
            return ~rows.Count;
        }

        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = rows[middle].Sequence;
            if (found == sequence)
            {
                return middle;
            }

            (low, high) = found < sequence ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
