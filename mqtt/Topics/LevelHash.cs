using System.Buffers.Binary;
using System.Security.Cryptography;

namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// Hashes topic levels with a secret of this process: clients choose their topics, and must not be able to choose colliding ones.
/// Eight bytes at a time are folded by a 64 by 64 bit multiplication, as wyhash does.
/// </summary>
internal static class LevelHash
{
    private static readonly ulong Seed = RandomWord();
    private static readonly ulong Factor = RandomWord() | 1;

    public static int Of(ReadOnlySpan<byte> level)
    {
        var hash = Seed ^ (ulong)level.Length;
        while (level.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(level));
            level = level[sizeof(ulong)..];
        }

        var tail = 0UL;
        foreach (var value in level)
        {
            tail = (tail << 8) | value;
        }

        hash = Fold(hash ^ tail);
        return (int)(hash ^ (hash >> 32));
    }

    private static ulong Fold(ulong value)
    {
        var high = Math.BigMul(value, Factor, out var low);
        return high ^ low;
    }

    private static ulong RandomWord()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
