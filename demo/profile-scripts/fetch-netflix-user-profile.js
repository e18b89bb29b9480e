// Auth0 Custom Connection Script
function fetchNetflixUserProfile(accessToken, context, callback) {
  const BASE_URL = 'https://api.netflix.com/v1';
  
  // Step 1: Fetch basic user info
  request.get({
    url: `${BASE_URL}/users/current`,
    headers: {
      'Authorization': `Bearer ${accessToken}`,
      'Accept': 'application/json',
      'X-Netflix-Client-Version': '1.0.0'
    },
    json: true
  }, function(err, response, userInfo) {
    if (err) return callback(err);
    if (response.statusCode !== 200) {
      return callback(new Error(`Netflix API returned ${response.statusCode}`));
    }
    
    // Step 2: Fetch viewing history (optional)
    request.get({
      url: `${BASE_URL}/users/current/viewing-activity`,
      headers: {
        'Authorization': `Bearer ${accessToken}`,
        'Accept': 'application/json'
      },
      json: true,
      qs: {
        limit: 50,
        pg: 0
      }
    }, function(histErr, histResponse, viewingActivity) {
      // Don't fail if history fetch fails
      const watchHistory = (histResponse?.statusCode === 200) 
        ? viewingActivity?.viewedItems || []
        : [];
      
      // Step 3: Construct Auth0 user profile
      const profile = {
        // Required fields
        user_id: `netflix|${userInfo.accountId}`,
        email: userInfo.email,
        email_verified: userInfo.emailVerified || false,
        
        // Profile information
        name: userInfo.displayName || userInfo.email,
        nickname: userInfo.profileName,
        picture: userInfo.avatar?.url || 'https://www.netflix.com/default-avatar.png',
        
        // Locale and region
        locale: userInfo.language || 'en-US',
        
        // Custom metadata for your app
        user_metadata: {
          netflix_account_id: userInfo.accountId,
          profile_id: userInfo.profileId,
          subscription_type: userInfo.planType,
          country_code: userInfo.countryCode,
          maturity_level: userInfo.maturityLevel,
          
          // Viewing preferences
          preferred_genres: userInfo.preferences?.genres || [],
          watch_history: watchHistory.map(item => ({
            title_id: item.titleId,
            title_name: item.title,
            watched_at: item.date,
            duration: item.duration,
            series_title: item.seriesTitle
          })),
          
          // Account metadata
          member_since: userInfo.membershipStartDate,
          last_login: new Date().toISOString()
        },
        
        // App-controlled metadata (not user-editable)
        app_metadata: {
          provider: 'netflix',
          provider_access_token: accessToken, // Store for API calls
          token_type: 'Bearer',
          token_obtained_at: Date.now(),
          
          // For token refresh
          requires_token_refresh: true,
          refresh_interval_hours: 1
        }
      };
      
      callback(null, profile);
    });
  });
}
