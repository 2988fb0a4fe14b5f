using System.Buffers.Binary;

namespace IotPlatform.Fuzz;

/// <summary>What happens to a packet on its way.</summary>
internal static class Mutation
{
    public static byte[] Of(byte[] packet, byte[] other, Random random)
    {
        var bytes = new List<byte>(packet);
        for (var count = random.Next(3) == 0 ? random.Next(2, 5) : 1; count > 0 && bytes.Count > 0; count--)
        {
            Change(bytes, other, random);
        }

        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[] other, Random random)
    {
        var at = random.Next(bytes.Count);
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3:
                bytes.RemoveAt(at);
                break;
            case 4:
                bytes.Insert(at, bytes[random.Next(bytes.Count)]);
                break;
            case 5:
                Splice(bytes, at, other, random);
                break;
            case 6 when bytes.Count > 1:
                // The packet is as long as before, and says something else.
                bytes[1] = (byte)(bytes[1] + random.Next(-3, 4));
                break;
            case 7 when bytes.Count > 1:
                LieInAField(bytes, random);
                break;
            default:
                bytes[at] = bytes[random.Next(bytes.Count)];
                break;
        }
    }

    // The beginning of one and the end of another, with a length that fits as often as not.
    private static void Splice(List<byte> bytes, int at, byte[] other, Random random)
    {
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(random.Next(other.Length)));
        if (random.Next(2) == 0 && bytes.Count is > 2 and < 130)
        {
            bytes[1] = (byte)(bytes.Count - 2);
        }
    }

    private static void LieInAField(List<byte> bytes, Random random)
    {
        if (bytes.Count < 4)
        {
            return;
        }

        var at = random.Next(2, bytes.Count - 1);
        Span<byte> field = [bytes[at], bytes[at + 1]];
        var value = BinaryPrimitives.ReadUInt16BigEndian(field);
        BinaryPrimitives.WriteUInt16BigEndian(field, random.Next(4) == 0 ? ushort.MaxValue : (ushort)(value + random.Next(-2, 3)));
        (bytes[at], bytes[at + 1]) = (field[0], field[1]);
    }
}
