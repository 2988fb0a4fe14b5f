using Microsoft.Extensions.Options;

namespace IotPlatform.Topics;

/// <summary>Refuses settings that could not work, at start, by their names.</summary>
internal sealed class TopicOptionsValidator : IValidateOptions<TopicOptions>
{
    public ValidateOptionsResult Validate(string? name, TopicOptions options)
    {
        var failures = new List<string>();
        if (options.RetainedMax < RetainedShards.Count)
        {
            failures.Add($"Topics:RetainedMax must be at least {RetainedShards.Count}, one for each shard.");
        }

        if (options.RetainedBytesMax < RetainedShards.Count * 1024)
        {
            failures.Add($"Topics:RetainedBytesMax must be at least {RetainedShards.Count * 1024}, 1 KiB for each shard.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
