using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The rows of the messages that have not ended, by device, in their order. One process owns the file, so it can know. There may be rows in here that are not in the
/// table, because their write failed, and none in the table that are not in here. Some 30 bytes a message.
/// </summary>
internal sealed class OpenRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, List<OpenRow>> _rows = [];

    /// <summary>Adds a row, in the place of an earlier one of that sequence.</summary>
    public void Add(DeviceId device, OpenRow row)
    {
        lock (_gate)
        {
            ref var rows = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, device, out _);
            rows ??= new List<OpenRow>(1);
            var i = rows.Count;
            while (i > 0 && rows[i - 1].Sequence > row.Sequence)
            {
                i--;
            }

            if (i > 0 && rows[i - 1].Sequence == row.Sequence)
            {
                rows[i - 1] = row;
            }
            else
            {
                rows.Insert(i, row);
            }
        }
    }

    /// <summary>The write of a row has ended, well or not.</summary>
    public void Written(DeviceId device, long sequence) => Change(device, sequence, static row => row with { IsWritten = true });

    /// <summary>The id of a message, which was not known, is.</summary>
    public void Identified(DeviceId device, long sequence, int idHash) => Change(device, sequence, row => row with { IdHash = idHash });

    /// <summary>A device's rows whose id may be that of <paramref name="idHash"/>. Mostly none.</summary>
    public ImmutableArray<OpenRow> WithId(DeviceId device, int idHash)
    {
        lock (_gate)
        {
            ImmutableArray<OpenRow> found = [];
            if (_rows.TryGetValue(device, out var rows))
            {
                foreach (var row in rows)
                {
                    found = row.IdHash == idHash || row.IdHash == IdHash.Unknown ? found.Add(row) : found;
                }
            }

            return found;
        }
    }

    /// <summary>A message has ended, or never was.</summary>
    public void Remove(DeviceId device, long sequence)
    {
        lock (_gate)
        {
            if (!_rows.TryGetValue(device, out var rows) || IndexOf(rows, sequence) is not (>= 0 and var i))
            {
                return;
            }

            rows.RemoveAt(i);
            if (rows.Count == 0)
            {
                _rows.Remove(device);
            }
        }
    }

    /// <summary>The row of a message; null for none.</summary>
    public OpenRow? Find(DeviceId device, long sequence)
    {
        lock (_gate)
        {
            return _rows.TryGetValue(device, out var rows) && IndexOf(rows, sequence) is >= 0 and var i ? rows[i] : null;
        }
    }

    /// <summary>A device's rows, in their order.</summary>
    public ImmutableArray<OpenRow> Of(DeviceId device)
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

    private void Change(DeviceId device, long sequence, Func<OpenRow, OpenRow> change)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(device, out var rows) && IndexOf(rows, sequence) is >= 0 and var i)
            {
                rows[i] = change(rows[i]);
            }
        }
    }

    // Mostly it is the first.
    private static int IndexOf(List<OpenRow> rows, long sequence)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Sequence == sequence)
            {
                return i;
            }
        }

        return -1;
    }
}
