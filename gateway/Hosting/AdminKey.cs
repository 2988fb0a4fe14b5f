using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using IotPlatform.Api.Access;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>
/// The key that every call must carry: given in the settings, or made at the first start and kept, readable by its owner only. Kept in memory as its
/// SHA-256 alone.
/// </summary>
internal sealed partial class AdminKey : IApiKeyVerifier
{
    private const int LengthMin = 16;
    private const int LengthMax = 256;

    private static readonly Caller Admin = new("admin");

    private readonly byte[] _hash;

    /// <exception cref="OptionsValidationException">The key that was kept is too short or too long by now.</exception>
    public AdminKey(IOptions<BootstrapOptions> bootstrap, IOptions<DataOptions> data, ILogger<AdminKey> logger)
    {
        var key = bootstrap.Value.AdminKey ?? ReadOrMake(data.Value, logger);
        if (!HasRightLength(key))
        {
            throw new OptionsValidationException(nameof(BootstrapOptions), typeof(BootstrapOptions), [LengthRule]);
        }

        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
    }

    /// <summary>What is said of a key of another length.</summary>
    public static string LengthRule { get; } = $"Bootstrap:AdminKey must have {LengthMin} to {LengthMax} characters.";

    public static bool HasRightLength(string key) => key.Length is >= LengthMin and <= LengthMax;

    public bool TryVerify(ReadOnlySpan<char> key, [NotNullWhen(true)] out Caller? caller)
    {
        caller = key.Length <= LengthMax && IsRight(key) ? Admin : null;
        return caller is not null;
    }

    private bool IsRight(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[3 * LengthMax];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    private static string ReadOrMake(DataOptions data, ILogger logger)
    {
        if (File.Exists(data.AdminKeyFile))
        {
            return File.ReadAllText(data.AdminKeyFile).Trim();
        }

        Directory.CreateDirectory(data.Path);
        var key = RandomNumberGenerator.GetHexString(40, lowercase: true);
        Write(data.AdminKeyFile, key);
        LogMade(logger, key, data.AdminKeyFile);
        return key;
    }

    private static void Write(string path, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(key);
    }

    [LoggerMessage(4201, LogLevel.Information, "The API key of this installation is {Key}. It is printed this once, and kept in {Path}")]
    private static partial void LogMade(ILogger logger, string key, string path);
}
