using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace IotPlatform.Bench.Load;

/// <summary>What the devices of a load are called: a letter and six digits, so that no two runs over one server meet unless they mean to.</summary>
internal sealed record DeviceNames(char Letter, string ProductKey = DeviceNames.DemoProduct)
{
    /// <summary>The product whose devices register themselves in Development.</summary>
    public const string DemoProduct = "demo";

    public string NameOf(int device) => string.Create(CultureInfo.InvariantCulture, $"{Letter}{device + 1:D6}");

    /// <summary>Writes a device's name over another's, which has the same length.</summary>
    public void Write(Span<byte> name, int device)
    {
        name[0] = (byte)Letter;
        Utf8Formatter.TryFormat(device + 1, name[1..], out _, new StandardFormat('D', 6));
    }

    public byte[] UserNameOf(int device) => Encoding.ASCII.GetBytes($"{NameOf(device)}&{ProductKey}");

    /// <summary>The topic on which it gets broadcasts, up to the message id.</summary>
    public byte[] BroadcastTopicOf(int device) => Encoding.ASCII.GetBytes($"/sys/{ProductKey}/{NameOf(device)}/broadcast/request/");

    /// <summary>The topic on which it gets messages of its own, up to the message id.</summary>
    public byte[] MessageTopicOf(int device) => Encoding.ASCII.GetBytes($"/sys/{ProductKey}/{NameOf(device)}/message/request/");
}
