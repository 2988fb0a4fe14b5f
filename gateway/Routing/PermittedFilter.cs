using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Routing;

/// <summary>A filter that a product permits, as it stands for each of its devices: what it says of the device's name is filled in when it is looked at.</summary>
internal sealed class PermittedFilter
{
    private const string ProductKeyVariable = "${productKey}";
    private const string DeviceNameVariable = "${deviceName}";
    private const int ScratchBytes = 512;

    // Around the places of the name: one part more than there are places.
    private readonly byte[][] _parts;
    private readonly int _bytes;

    public PermittedFilter(string filter, string productKey)
    {
        _parts = Array.ConvertAll(
            filter.Replace(ProductKeyVariable, productKey, StringComparison.Ordinal).Split(DeviceNameVariable), static part => Encoding.UTF8.GetBytes(part));
        foreach (var part in _parts)
        {
            _bytes += part.Length;
        }
    }

    /// <summary>The filter as it stands for one device. Names hold nothing that means something in a filter.</summary>
    public static byte[] For(string filter, DeviceId device)
    {
        var permitted = new PermittedFilter(filter, device.ProductKey);
        return permitted.Fill(device.DeviceName, new byte[permitted.LengthFor(device.DeviceName)]).ToArray();
    }

    /// <summary>Whether it matches a topic.</summary>
    public bool Matches(string deviceName, ReadOnlySpan<byte> topic)
    {
        var length = LengthFor(deviceName);
        Span<byte> scratch = length <= ScratchBytes ? stackalloc byte[ScratchBytes] : new byte[length];
        return TopicFilter.Matches(Fill(deviceName, scratch), topic);
    }

    /// <summary>Whether it covers all that another filter does.</summary>
    public bool Covers(string deviceName, ReadOnlySpan<byte> filter)
    {
        var length = LengthFor(deviceName);
        Span<byte> scratch = length <= ScratchBytes ? stackalloc byte[ScratchBytes] : new byte[length];
        return TopicFilter.Covers(Fill(deviceName, scratch), filter);
    }

    private int LengthFor(string deviceName) => _bytes + ((_parts.Length - 1) * deviceName.Length);

    private ReadOnlySpan<byte> Fill(string deviceName, Span<byte> scratch)
    {
        if (_parts.Length == 1)
        {
            return _parts[0];
        }

        var length = 0;
        for (var i = 0; i < _parts.Length; i++)
        {
            if (i > 0)
            {
                length += Encoding.ASCII.GetBytes(deviceName, scratch[length..]);
            }

            _parts[i].CopyTo(scratch[length..]);
            length += _parts[i].Length;
        }

        return scratch[..length];
    }
}
