using System.Collections.Immutable;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// The rows of the messages that have not ended. One process owns the file, so it can know. There may be rows in here that are not in the
/// table, because their write failed, and none in the table that are not in here. Some 30 bytes a message.
/// </summary>
internal sealed class OpenRows : MessageRows
{
    /// <summary>The write of a row has ended, well or not.</summary>
    public void Written(DeviceId device, long sequence) => Change(device, sequence, static row => row with { IsWritten = true });

    /// <summary>The id of a message, which was not known, is.</summary>
    public void Identified(DeviceId device, long sequence, int idHash) => Change(device, sequence, row => row with { IdHash = idHash });

    /// <summary>A device's rows whose id may be that of <paramref name="idHash"/>. Mostly none.</summary>
    public ImmutableArray<MessageRow> WithId(DeviceId device, int idHash)
    {
        lock (Gate)
        {
            ImmutableArray<MessageRow> found = [];
            if (ByDevice.TryGetValue(device, out var rows))
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
        lock (Gate)
        {
            if (!ByDevice.TryGetValue(device, out var rows) || IndexOf(rows, sequence) is not (>= 0 and var i))
            {
                return;
            }

            rows.RemoveAt(i);
            if (rows.Count == 0)
            {
                ByDevice.Remove(device);
            }
        }
    }

    private void Change(DeviceId device, long sequence, Func<MessageRow, MessageRow> change)
    {
        lock (Gate)
        {
            if (ByDevice.TryGetValue(device, out var rows) && IndexOf(rows, sequence) is >= 0 and var i)
            {
                rows[i] = change(rows[i]);
            }
        }
    }
}
