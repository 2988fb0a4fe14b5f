using Microsoft.Extensions.Options;

namespace IotPlatform.Devices;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class DeviceMessageOptionsValidator : IValidateOptions<DeviceMessageOptions>
{
    public ValidateOptionsResult Validate(string? name, DeviceMessageOptions options)
    {
        var failures = new List<string>();
        Require(options.OpenPerDeviceMax > 0, "Messages:OpenPerDeviceMax must be positive.");
        Require(options.OpenBytesPerDeviceMax > 0, "Messages:OpenBytesPerDeviceMax must be positive.");
        Require(Enum.IsDefined(options.WhenFull), "Messages:WhenFull must be Refuse or DropOldest.");
        Require(options.InFlightMax is > 0 and <= ushort.MaxValue, "Messages:InFlightMax must be 1 to 65535.");
        Require(options.ResendInterval > TimeSpan.Zero, "Messages:ResendInterval must be positive.");
        Require(options.ResendsPerSeries >= 0, "Messages:ResendsPerSeries must not be negative.");
        Require(options.RoundInterval > TimeSpan.Zero, "Messages:RoundInterval must be positive.");
        Require(options.RoundsMax >= 0, "Messages:RoundsMax must not be negative.");
        Require(options.FullRetryInterval > TimeSpan.Zero, "Messages:FullRetryInterval must be positive.");
        Require(options.HoldProgressFor >= TimeSpan.Zero && options.HoldProgressFor <= TimeSpan.FromSeconds(1), "Messages:HoldProgressFor must be 0 to 1 s.");
        Require(options.HistoryRetention > TimeSpan.Zero, "Messages:HistoryRetention must be positive.");
        Require(options.EventRetention > TimeSpan.Zero, "Messages:EventRetention must be positive.");
        Require(options.EventBytesMax > 0, "Messages:EventBytesMax must be positive.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool isRight, string message)
        {
            if (!isRight)
            {
                failures.Add(message);
            }
        }
    }
}
