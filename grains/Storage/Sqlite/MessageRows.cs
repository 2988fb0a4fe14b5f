using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IotPlatform.Devices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>Rows of messages, by device, in their order. For any thread.</summary>
internal abstract class MessageRows
{
    /// <summary>Held while <see cref="ByDevice"/> is used.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>None without a row.</summary>
    protected Dictionary<DeviceId, List<MessageRow>> ByDevice { get; } = [];

    /// <summary>Adds a row, in the place of an earlier one of that sequence.</summary>
    public virtual void Add(DeviceId device, MessageRow row)
    {
        lock (Gate)
        {
            ref var rows = ref CollectionsMarshal.GetValueRefOrAddDefault(ByDevice, device, out _);
            rows ??= new List<MessageRow>(1);
            var i = IndexOf(rows, row.Sequence);
            if (i >= 0)
            {
                rows[i] = row;
            }
            else
            {
                rows.Insert(~i, row);
            }
        }
    }

    /// <summary>The row of a message; null for none.</summary>
    public MessageRow? Find(DeviceId device, long sequence)
    {
        lock (Gate)
        {
            return ByDevice.TryGetValue(device, out var rows) && IndexOf(rows, sequence) is >= 0 and var i ? rows[i] : null;
        }
    }

    /// <summary>A device's rows, in their order.</summary>
    public ImmutableArray<MessageRow> Of(DeviceId device)
    {
        lock (Gate)
        {
            return ByDevice.TryGetValue(device, out var rows) ? [.. rows] : [];
        }
    }

    /// <summary>The devices of a product that have rows, from a name on.</summary>
    public List<DeviceId> DevicesOf(string productKey, string firstName)
    {
        lock (Gate)
        {
            return [.. ByDevice.Keys.Where(device => device.ProductKey == productKey && string.CompareOrdinal(device.DeviceName, firstName) >= 0)];
        }
    }

    /// <summary>Where a message is among a device's rows, or the complement of where it belongs.</summary>
    protected static int IndexOf(List<MessageRow> rows, long sequence)
    {
        // Mostly it is the last, or behind that.
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
